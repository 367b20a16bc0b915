// Package text has what the commands here say figures with.
package text

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Thousands returns n with its thousands apart: 3,412,907.
func Thousands[T int | int64 | uint64](n T) string {
	digits, sign := fmt.Sprint(n), ""
	if n < 0 {
		digits, sign = digits[1:], "-"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Number returns x with three significant digits, at most four of them behind the
// point, and with its thousands apart: 3,410,000, 199, 0.172.
func Number(x float64) string {
	if x == 0 {
		return "0"
	}
	magnitude := int(math.Floor(math.Log10(math.Abs(x))))
	if math.Abs(x) >= 999.5 {
		scale := math.Pow10(magnitude - 2)
		return Thousands(int64(math.Round(x/scale) * scale))
	}
	return strconv.FormatFloat(x, 'f', min(max(0, 2-magnitude), 4), 64)
}

// Plural returns "1 round" or "2 rounds", "1 pass" or "2 passes".
func Plural(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		noun += "e"
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Median returns the middle of at least one value, or the mean of the two in
// the middle.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

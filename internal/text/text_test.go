package text

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1000: "1,000", -999: "-999", -1000: "-1,000", 1234567: "1,234,567",
		math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		assert.Equal(t, want, Thousands(n))
	}
	assert.Equal(t, "18,446,744,073,709,551,615", Thousands(uint64(math.MaxUint64)))
}

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.00004: "0.0000", 0.172: "0.172", 9.5: "9.50", 99.42: "99.4", 100: "100",
		999.6: "1,000", 7335204: "7,340,000", 123456: "123,000", -1234: "-1,230",
	} {
		assert.Equal(t, want, Number(x))
	}
}

func TestPlural(t *testing.T) {
	assert.Equal(t, "0 rounds", Plural(0, "round"))
	assert.Equal(t, "1 round", Plural(1, "round"))
	assert.Equal(t, "2 rounds", Plural(2, "round"))
	assert.Equal(t, "1 pass", Plural(1, "pass"))
	assert.Equal(t, "3 passes", Plural(3, "pass"))
}

func TestMedian(t *testing.T) {
	values := []float64{9, 1, 5, 2}
	assert.Equal(t, 3.5, Median(values))
	assert.Equal(t, 5.0, Median(values[:3]))
	assert.Equal(t, 9.0, Median(values[:1]))
	assert.Equal(t, []float64{9, 1, 5, 2}, values, "they stay as they are")
}

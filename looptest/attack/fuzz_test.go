package attack

import "testing"

// FuzzPrograms lets the fuzzer write the programs. What it has found worth
// keeping is in testdata/fuzz, and runs with every test.
//
//	go test ./looptest/attack -fuzz=FuzzPrograms -fuzztime=1m
func FuzzPrograms(f *testing.F) {
	newLoop := loops[2].new // the one that blocks
	f.Fuzz(func(t *testing.T, bytes []byte) {
		p := decode(bytes[:min(len(bytes), maxBytes)])
		try := func(p *program) *failure { return virtually(t, p, newLoop) }
		if f := try(p); f != nil {
			t.Fatal(report(p, f, try))
		}
	})
}

package main

import (
	"fmt"
	"strings"
)

// excerpts are the handful of lines that the page of bench/live shows of each
// stage: statements of timers.go, each given by where it is and how it begins.
var excerpts = []struct {
	stage string
	parts [][2]string
}{
	{"stage1_polling", [][2]string{{"timerLoop.run", "for {"}, {"timerLoop.turn", "for t := range l.pending"}}},
	{"stage2_queue", [][2]string{{"timerLoop.run", "for {"}, {"timerLoop.turn", "l.pending.put(append("}}},
	{"stage3_event", [][2]string{{"timerLoop.run", "for {"}}},
}

// liveExcerpts makes the files that bench/live embeds. Lines that are comment
// and nothing else are left out: its page has no room for them.
func (b *book) liveExcerpts() (made, []error) {
	out := made{}
	var problems []error
	for _, e := range excerpts {
		file := e.stage + "/timers.go"
		src, err := b.read(file)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		var parts []string
		for _, p := range e.parts {
			code, err := quote(file, src, p[0], false, p[1])
			if err != nil {
				problems = append(problems, fmt.Errorf("an excerpt for bench/live: %w", err))
				continue
			}
			lines := "// " + p[0] + "\n"
			for line := range strings.Lines(code + "\n") {
				if !strings.HasPrefix(strings.TrimSpace(line), "//") {
					lines += line
				}
			}
			parts = append(parts, lines)
		}
		out["bench/live/excerpts/"+e.stage+".txt"] = strings.Join(parts, "\n")
	}
	return out, problems
}

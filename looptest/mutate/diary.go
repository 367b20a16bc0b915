package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// A diary keeps what became of mutants, so that a run can go on where another one
// was left. Without a file it keeps nothing.
type diary struct {
	file *os.File
	sums map[string]string // of the source files
	seen map[string]record // by the mutant's name
}

// A record is a line of a diary.
type record struct {
	Name   string // of the mutant
	Source string // a hash of the file that it is in
	Fate   fate
	Killer string
	Took   time.Duration
}

// openDiary opens a diary, or begins one; with no name, one that keeps nothing.
func openDiary(name string, sources map[string][]byte) (*diary, error) {
	d := &diary{sums: make(map[string]string), seen: make(map[string]record)}
	for file, src := range sources {
		sum := sha256.Sum256(src)
		d.sums[file] = hex.EncodeToString(sum[:])
	}
	if name == "" {
		return d, nil
	}
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, fmt.Errorf("-resume: %w", err)
	}
	d.file = file
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("-resume: %s:%d: %w", name, n, errors.Join(err, file.Close()))
		}
		d.seen[r.Name] = r
	}
	return d, lines.Err()
}

// noticed returns what became of m, if some test noticed it in the source as it is.
func (d *diary) noticed(m mutant) (outcome, bool) {
	r, ok := d.seen[m.name()]
	if !ok || r.Source != d.sums[m.file] || r.Fate == survived {
		return outcome{}, false
	}
	return outcome{mutant: m, fate: r.Fate, killer: r.Killer, took: r.Took}, true
}

// write adds what became of a mutant.
func (d *diary) write(o outcome) error {
	if d.file == nil {
		return nil
	}
	line, err := json.Marshal(record{o.mutant.name(), d.sums[o.mutant.file], o.fate, o.killer, o.took})
	if err != nil {
		return err
	}
	_, err = d.file.Write(append(line, '\n'))
	return err
}

func (d *diary) close() error {
	if d.file == nil {
		return nil
	}
	if err := d.file.Close(); !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}

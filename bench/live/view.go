package main

import (
	"fmt"
	"path/filepath"

	"example.com/eventloop/internal/loops"
)

// A laneView is what never changes of a lane. Nothing in it says how the loop waits:
// its source may be edited at any time.
type laneView struct {
	Lane    int
	Mark    string // the stage, or ownMark
	Name    string
	Folder  string // as it is shown
	FirstOn bool   // it is on from the start

	maker maker
}

// cores is the number of cores with which stage 1 starts switched on. As it comes, it
// keeps two busy from the first moment: with fewer it would starve the others, this
// server and the browser.
const cores = 4

// ownMark marks somebody's own loop.
const ownMark = "★"

// views returns the lanes in the order in which they are shown: the stages, before the
// last of them stage 3 without its wake-up, and the loop in the folder own if
// that is not "". The sources are in the folder root, and what is built goes to out.
func views(root, out, own string, cpus int) (all []laneView) {
	add := func(mark, name, folder, dir string, firstOn bool, edit func(string) (string, error)) {
		n := len(all) + 1
		w := &workshop{name: filepath.Base(folder), dir: dir, out: filepath.Join(out, fmt.Sprint(n)), edit: edit}
		switch {
		case edit != nil:
			w.name, w.show = name, "timerLoop.add"
		case mark != ownMark:
			w.show = "timerLoop.run"
		}
		all = append(all, laneView{n, mark, name, folder, firstOn, newMaker(w)})
	}
	for i, stage := range loops.Stages {
		dir := filepath.Join(root, stage.Dir)
		if i == len(loops.Stages)-1 {
			add("2½", "unwoken", stage.Dir+" without its wake-up", dir, false, unwoken)
		}
		add(fmt.Sprint(i+1), stage.Name, stage.Dir, dir, !stage.SpinsIdle || cpus >= cores, nil)
	}
	if own != "" {
		own, _ = filepath.Abs(own) // if it can't be had, the build says so
		add(ownMark, filepath.Base(own), own, own, true, nil)
	}
	return all
}

// newMaker returns the maker of a lane. Tests replace it by one that needs no compiler.
var newMaker = func(w *workshop) maker { return w }

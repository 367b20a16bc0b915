package main

import (
	"example.com/eventloop/bench/live/lane"
)

// A scene is a step of the guided path: a question, one control, and the one
// sentence that answers it.
type scene struct {
	Title    string
	Question string
	Answers  []string
	Right    int    // of the answers
	Control  string // its words
	Told     string

	Enter []request // what the page asks for when the scene begins
	Act   []request // and when the control is pressed; "wait" gives the loops a moment to fall asleep
}

// doWait is the page's own: it goes on a second later.
const doWait = "wait"

func ask(do string) request { return request{Order: lane.Order{Do: do}} }

func set(delay int64, count int) request {
	return request{Order: lane.Order{Do: lane.DoTimeout, Delay: delay, Count: count}}
}

func turn(onOrOff string, stage int) request {
	return request{Order: lane.Order{Do: onOrOff}, Stage: stage}
}

var scenes = []scene{
	{
		Title:    "Nothing to do",
		Question: "No timer, no callback. Whose loops are busy?",
		Answers:  []string{"nobody’s", "stage 1’s", "those of 1 and 2", "everybody’s"},
		Right:    1,
		Control:  "Look",
		Told:     "Only stage 1 asks, again and again, whether there is anything; the others block, and cost nothing.",
		Enter:    []request{turn(doSwitchOff, broken), ask(lane.DoStopAll)},
		Act:      []request{ask(lane.DoStopAll)},
	},
	{
		Title:    "One far timer",
		Question: "One timer, due in five minutes. Whose loops are busy until then?",
		Answers:  []string{"nobody’s", "stage 1’s", "those of 1 and 2", "everybody’s"},
		Right:    2,
		Control:  "Set it",
		Told:     "A queue tells stage 2 that there is a timer, but not when it is due, so it asks without pause; stage 3 has set an alarm and sleeps.",
		Enter:    []request{turn(doSwitchOff, broken), ask(lane.DoStopAll)},
		Act:      []request{ask(lane.DoStopAll), set(300_000, 1)},
	},
	{
		Title:    "Ten thousand",
		Question: "Ten thousand timers instead of one. What changes?",
		Answers:  []string{"all cost more CPU", "1 and 2 cost more CPU", "1 and 2 go round less often", "nothing"},
		Right:    2,
		Control:  "Set them",
		Told:     "A core is all that a loop can burn, with one timer or many: where each turn looks at all of them there are fewer turns, and stage 3 looks at none.",
		Enter:    []request{turn(doSwitchOff, broken), ask(lane.DoStopAll)},
		Act:      []request{ask(lane.DoStopAll), set(300_000, 10_000)},
	},
	{
		Title:    "A sooner one while asleep",
		Question: "A timer of two minutes is set, and who can sleep falls asleep. Then one of 3 s. Where is it late?",
		Answers:  []string{"nowhere", "in stage 2", "in 2½", "in 2½ and 3"},
		Right:    2,
		Control:  "Set both",
		Told:     "Nobody wakes 2½, so it sleeps on until its alarm for the far timer; in stage 3 whoever sets a sooner timer wakes the loop.",
		Enter:    []request{turn(doSwitchOn, broken), ask(lane.DoStopAll)},
		Act:      []request{ask(lane.DoStopAll), ask(doWait), set(120_000, 1), ask(doWait), set(3000, 1)},
	},
	{
		Title:    "Stop the head",
		Question: "Of two timers, 10 s and 60 s, the first is stopped. When does stage 3 look at the clock next?",
		Answers:  []string{"at once", "after the 10 s", "after the 60 s"},
		Right:    1,
		Control:  "Set two, stop one",
		Told:     "Its alarm for the stopped timer rings, it finds nothing due and sleeps on: a wake-up for nothing does no harm, one that is missed does.",
		Enter:    []request{turn(doSwitchOff, broken), ask(lane.DoStopAll)},
		Act:      []request{ask(lane.DoStopAll), set(10_000, 1), set(60_000, 1), ask(doWait), ask(lane.DoStopNext)},
	},
}

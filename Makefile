# Each target is one or two plain commands, so that nobody needs make: type what
# stands below it, in PowerShell too.

.PHONY: help test bench demo javascript live predict report peers tricks docs check mutate attack soak

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

test: ## the contract on all three stages, and all else in this module
	go test ./...

bench: ## what each stage costs on this machine, as one table (a minute or two)
	go run ./bench/table

demo: ## the article's script on stage 3; for another: go run ./bench/demo -stage 1
	go run ./bench/demo -stage 3

javascript: ## a JavaScript program on each loop in turn, and what each costs
	go run -C docs/javascript . -stage all

live: ## the three loops side by side in a browser
	go run ./bench/live

predict: ## guess what each stage costs, then measure, and see the score
	go run ./bench/predict

report: ## measure it all and draw docs/results anew (five minutes, quiet machine)
	go run -C bench/report .

peers: ## only our loops beside the timers of production: the table of goals
	go run -C bench/report . peers

tricks: ## what each trick of the fast loop buys, with and without it (two minutes)
	go run ./bench/tuned/tricks

docs: ## all that is generated: chapters, pages, pictures, slides
	go run -C docs/weave .

attack: ## load, faults and random programs in small (minutes); all: without -short
	go run ./looptest/attack/figures -short

soak: ## an hour of all at once, a quarter of it for each loop
	go run ./looptest/attack/figures -only=soak -soak=1h

mutate: ## break the loops line by line, and see what notices (an hour or so)
	go run ./looptest/mutate

check: ## everything that has to hold before a change lands
	.ci/run

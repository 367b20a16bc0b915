# Each target is one or two plain commands, so that nobody needs make: type what
# stands below it, in PowerShell too.

.PHONY: help test bench demo javascript live pages predict report peers tricks docs check mutate attack soak

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

test: ## the contract on all three stages, and all else in this module
	go test ./...

bench: ## what each stage costs on this machine, as one table (a minute or two)
	go run ./bench/table

demo: ## the article's script on stage 3; for another: go run ./bench/demo -stage 1
	go run ./bench/demo -stage 3

live: ## the three loops side by side in a browser
	go run ./bench/live

predict: ## guess what each stage costs, then measure, and see the score
	go run ./bench/predict

pages: ## build the chapters and the source as web pages, and open the first
	go run -C docs/weave . -pages

javascript: ## a JavaScript program on each loop in turn, and what each costs
	go run -C docs/javascript . -stage all

tricks: ## what each trick of the fast loop buys, with and without it (minutes)
	go run ./bench/tuned/tricks

report: ## measure it all and draw docs/results anew (minutes, on a quiet machine)
	go run -C bench/peers/report .

peers: ## only our loops beside the timers of production
	go run -C bench/peers/report . peers

attack: ## random programs, load, bursts and one core
	go test -v ./looptest/attack

soak: ## an hour of all at once, a third for each stage
	go test ./looptest/attack -v -run=Soak -soak=20m -timeout=0

mutate: ## break the loops line by line, and see what no test notices
	go run ./looptest/mutate

docs: ## write anew whatever the chapters quote
	go run -C docs/weave .

check: ## everything that has to hold before a change lands
	.ci/run

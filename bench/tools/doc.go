// Package tools is empty: its go.mod pins the tools that the benchmarks need,
// so that the module of the loops does not have to.
//
//	go -C bench/tools tool benchstat -h
package tools

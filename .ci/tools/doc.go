// Package tools is empty: its go.mod pins the tools of the checks in .ci/run,
// so that nobody else has to download them.
package tools

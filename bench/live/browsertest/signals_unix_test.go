//go:build unix

package browsertest

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStoppedProcessIsReportedAndStartedAgain(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	p.turnOn(3)
	pid := p.process(3)
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	p.until("the lane says so", `state(3) === "silent" && text(3, ".why").startsWith("No word from process")`)
	require.NoError(t, syscall.Kill(pid, syscall.SIGCONT))
	p.until("and takes it back", `state(3) === "asleep" && !shown("#lane3 .gone")`)

	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	p.until("the lane says so again", `state(3) === "silent"`)
	p.press("#lane3 .again")
	p.until("another process is there", `state(3) === "asleep"`)
	assert.NotEqual(t, pid, p.process(3))
}

// What a laptop does that sleeps, as far as a test can have it so: server and
// stages stop in the middle of whatever they do, and later go on.
func TestEverythingStopsForAWhile(t *testing.T) {
	address, server := startServer(t, "0")
	p := open(t, address)
	p.turnOn(2)
	p.turnOn(3)
	p.setDelay("600000")
	p.press("#set")
	p.until("a timer is pending", `[2, 3].every((n) => text(n, ".pending .value") === "1")`)
	p.expectLoss()
	all := []int{p.process(2), p.process(3), server.Process.Pid}
	for _, pid := range all {
		require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	}
	p.until("the page says that it hears nothing", `document.querySelector("#message").innerText.includes("can’t be heard")`)
	for _, pid := range all {
		require.NoError(t, syscall.Kill(pid, syscall.SIGCONT))
	}
	p.until("all is as it was", `document.querySelector("#message").innerText === "" && state(2) === "spins" && state(3) === "asleep"
		&& [2, 3].every((n) => text(n, ".pending .value") === "1" && text(n, ".timers .id") === "#1")`)
}

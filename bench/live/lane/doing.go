package lane

import (
	"fmt"
	"strconv"
	"time"

	"example.com/eventloop/internal/text"
)

// waking is the turns a second from which one notices that a loop that sleeps
// is often woken.
const waking = 20

// overdue is how long after its deadline a timer is late for a reason: a loop that
// sleeps longer has not been told, or can't get a core.
const overdue = reportEvery

// doing says in one sentence what the loop of stage n (0 if it is none) is doing. It
// follows what was measured and not what the stage is meant to do: a loop that went
// round is never said to sleep. The first of the pending timers is due in next;
// stopped says that the loop may still have one that has been stopped.
func doing(n int, state State, turns uint64, pending int, now time.Time, next time.Duration, stopped bool) string {
	round := text.Thousands(turns)
	asleep := "Asleep. The next timer is due at " + now.Add(next).Format("15:04:05.000")
	stopped = stopped && n == 3 // the others drop it in their next turn
	switch {
	case state == Naps:
		return fmt.Sprintf("Slept and looked again %s times this second.", round)
	case state == Spins && n == 1 && pending == 0:
		return fmt.Sprintf("Went round %s times this second: is there anything yet?", round)
	case state == Spins && n == 1:
		return fmt.Sprintf("Went round %s times this second: is it time yet?", round)
	case state == Spins && n == 2 && pending > 0:
		return fmt.Sprintf("Put the same %s back %s times this second.", timers(pending), round)
	case state == Spins:
		return fmt.Sprintf("Went round %s times this second.", round)
	case pending > 0 && next < -overdue:
		return fmt.Sprintf("Asleep, though a timer was due %s ago.", seconds((-next).Truncate(100*time.Millisecond)))
	case pending > 0 && turns > waking:
		return fmt.Sprintf("%s; %s turns this second.", asleep, round)
	case pending > 0 && stopped:
		return asleep + "; the alarm of one that was stopped may ring before."
	case pending > 0:
		return asleep + "."
	case stopped:
		return "Asleep. No timer is pending; the alarm of one that was stopped may still ring."
	case n == 3:
		return "Asleep. No timer is pending, so no alarm is set."
	default:
		return "Asleep. No timer is pending."
	}
}

// stands returns in which cases of its select, as the page shows it, the timer
// loop of stage n stands: the one that it goes through again and again, or those
// that may wake it. (The one for stop is always among these, and left out.) Like
// doing, it follows what was measured.
func stands(n int, state State, pending int, stopped bool) []string {
	switch {
	case n == 1 && state == Spins:
		return []string{"default:"}
	case n == 2 && (state == Spins) == (pending > 0):
		return []string{"case pending := <-l.pending.items:"}
	case n == 3 && state == Asleep && (pending > 0 || stopped):
		return []string{"case <-ring:", "case <-l.wake:"}
	case n == 3 && state == Asleep:
		return []string{"case <-l.wake:"} // no alarm: ring is nil
	}
	return nil
}

// timers returns "timer" or "10,000 timers".
func timers(n int) string {
	if n == 1 {
		return "timer"
	}
	return text.Thousands(n) + " timers"
}

// seconds returns d as one says it: "3 s", "1.25 s", "250 ms".
func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return strconv.FormatFloat(float64(d.Milliseconds())/1000, 'f', -1, 64) + " s"
}

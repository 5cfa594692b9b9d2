package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// hertz is the unit of processor time in /proc, 1/100 s on every Linux we meet.
const hertz = 100

// machine names what was measured on.
func machine() string {
	model := "?"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for l := range strings.Lines(string(b)) {
			if k, v, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(k) == "model name" {
				model = strings.TrimSpace(v)
				break
			}
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease") // "" is fine
	return fmt.Sprintf("machine: %s, %d processors, Linux %s, %s; the load generator runs on it too", model, runtime.NumCPU(), bytes.TrimSpace(kernel), runtime.Version())
}

// usage is processor time so far, in seconds.
type usage struct {
	at                time.Time
	busy, steal, ours float64
	self              float64 // of ours, what the load generator used
}

// noise is what disturbed a measure, in processors, and what we used ourselves, in seconds.
type noise struct {
	foreign, steal float64
	ours, self     float64
}

// now reads the processor time of the machine and of these processes.
func now(pids ...int) usage {
	u := usage{at: time.Now()}
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return u
	}
	line, _, _ := strings.Cut(string(b), "\n")
	for i, f := range strings.Fields(line)[1:] {
		v, _ := strconv.ParseFloat(f, 64)
		switch i {
		case 0, 1, 2, 5, 6: // user, nice, system, irq, softirq
			u.busy += v / hertz
		case 7:
			u.steal += v / hertz
		}
	}
	u.self = processorTime(os.Getpid())
	u.ours = u.self
	for _, p := range pids {
		u.ours += processorTime(p)
	}
	return u
}

// since returns what happened between u and now.
func (u usage) since(pids ...int) noise {
	n := now(pids...)
	wall := n.at.Sub(u.at).Seconds()
	ours := n.ours - u.ours
	return noise{
		foreign: max(0, (n.busy-u.busy-ours)/wall),
		steal:   (n.steal - u.steal) / wall,
		ours:    ours,
		self:    n.self - u.self,
	}
}

// processorTime returns what a process has used, in seconds.
func processorTime(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	used := 0.0
	for _, n := range f[11:15] { // its own, and that of its children that have ended
		v, _ := strconv.ParseFloat(n, 64)
		used += v
	}
	return used / hertz
}

// kib returns a line of a process's memory ("Pss" or "Rss") in KiB.
func kib(pid int, name string) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(b)) {
		if f := strings.Fields(l); len(f) > 1 && f[0] == name+":" {
			v, _ := strconv.ParseFloat(f[1], 64)
			return v
		}
	}
	return 0
}

// children returns our child processes of this name.
func children(name string) (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	for _, path := range all {
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		from, to := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
		f := strings.Fields(string(b[to+1:]))
		if string(b[from+1:to]) == name && f[1] == strconv.Itoa(os.Getpid()) {
			pid, _ := strconv.Atoi(string(bytes.TrimSpace(b[:from])))
			pids = append(pids, pid)
		}
	}
	return pids
}

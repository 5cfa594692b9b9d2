package main

import (
	"log/slog"
	"os"
	"os/exec"
	"unsafe"

	"golang.org/x/sys/windows"
)

func tie(*exec.Cmd) {}

// tied puts the tray into a job that ends with this process. What the tray starts is not in it, or browsers
// would end too.
func tied(p *os.Process, log *slog.Logger) {
	if err := intoJob(uint32(p.Pid)); err != nil {
		log.Warn("the tray would outlive its watcher", "error", err)
	}
}

func intoJob(pid uint32) error {
	job, err := windows.CreateJobObject(nil, nil) // closed by the end of this process, which is the point
	if err != nil {
		return err
	}
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | windows.JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))); err != nil {
		return err
	}
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, pid)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseHandle(process) }()
	return windows.AssignProcessToJobObject(job, process)
}

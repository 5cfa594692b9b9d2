package attention

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	powrprof          = windows.NewLazySystemDLL("powrprof.dll")
	iphlpapi          = windows.NewLazySystemDLL("iphlpapi.dll")
	registerClass     = user32.NewProc("RegisterClassExW")
	createWindow      = user32.NewProc("CreateWindowExW")
	destroyWindow     = user32.NewProc("DestroyWindow")
	defWindowProc     = user32.NewProc("DefWindowProcW")
	getMessage        = user32.NewProc("GetMessageW")
	dispatchMessage   = user32.NewProc("DispatchMessageW")
	postMessage       = user32.NewProc("PostMessageW")
	postQuitMessage   = user32.NewProc("PostQuitMessage")
	registerSession   = wtsapi32.NewProc("WTSRegisterSessionNotification")
	unregisterSession = wtsapi32.NewProc("WTSUnRegisterSessionNotification")
	registerSuspend   = powrprof.NewProc("PowerRegisterSuspendResumeNotification")
	unregisterSuspend = powrprof.NewProc("PowerUnregisterSuspendResumeNotification")
	notifyAddrChange  = iphlpapi.NewProc("NotifyAddrChange")
	cancelIPChange    = iphlpapi.NewProc("CancelIPChangeNotify")
	getModuleHandle   = kernel32.NewProc("GetModuleHandleW")
	errNothingTellsUs = errors.New("the system does not tell")
	messageOnly       = ^uintptr(2) // HWND_MESSAGE, -3
	className         = windows.StringToUTF16Ptr("SendjaySigns")
	registerClassOnce sync.Once
	messageProcedure  = windows.NewCallback(onMessage)
	suspendProcedure  = windows.NewCallback(onSuspend)
	hearing           func(sign)
	hearingMu         sync.RWMutex // guards hearing: a procedure of the system carries no value of ours
)

const (
	wmClose         = 0x0010
	wmDestroy       = 0x0002
	wmSessionChange = 0x02B1

	consoleConnect, consoleDisconnect, remoteConnect, remoteDisconnect = 1, 2, 3, 4
	sessionLock, sessionUnlock                                         = 7, 8

	powerSuspend, powerResumeSuspend, powerResumeAutomatic = 4, 7, 18
)

func tellSign(s sign) {
	hearingMu.RLock()
	hear := hearing
	hearingMu.RUnlock()
	if hear != nil {
		hear(s)
	}
}

// onMessage takes what the system sends to our invisible window.
func onMessage(window, message, wp, lp uintptr) uintptr {
	switch message {
	case wmSessionChange:
		switch wp {
		// A session that is switched away from is nobody's to look at.
		case sessionLock, consoleDisconnect, remoteDisconnect:
			tellSign(lockedNow)
		case sessionUnlock, consoleConnect, remoteConnect:
			tellSign(unlockedNow)
		}
		return 0
	case wmClose:
		_, _, _ = destroyWindow.Call(window)
		return 0
	case wmDestroy:
		_, _, _ = postQuitMessage.Call(0)
		return 0
	}
	r, _, _ := defWindowProc.Call(window, message, wp, lp)
	return r
}

func onSuspend(_, kind, _ uintptr) uintptr {
	switch kind {
	case powerSuspend:
		tellSign(asleep)
	case powerResumeSuspend, powerResumeAutomatic:
		tellSign(awake)
	}
	return 0
}

// watch hears of lock, sleep and network until ctx ends. What cannot be had is left out: the clock and the next
// look notice most of it, later.
func (w windowsSigns) watch(ctx context.Context, hear func(sign)) {
	hearingMu.Lock()
	hearing = hear
	hearingMu.Unlock()
	var all sync.WaitGroup
	defer all.Wait()
	for what, wait := range map[string]func(context.Context) error{"lock": awaitLock, "sleep": awaitSleep, "network": awaitNetwork} {
		all.Go(func() {
			if err := wait(ctx); err != nil {
				w.log.Info("the system does not tell of it", "what", what, "error", err)
			}
		})
	}
}

// awaitLock has an invisible window of its own, because session changes come as messages.
func awaitLock(ctx context.Context) error {
	runtime.LockOSThread() // messages come to the thread that made the window
	defer runtime.UnlockOSThread()
	self, _, _ := getModuleHandle.Call(0)
	registerClassOnce.Do(func() {
		class := struct {
			size, style                        uint32
			procedure                          uintptr
			extraClass, extraWindow            int32
			instance, icon, cursor, background uintptr
			menu, name                         *uint16
			small                              uintptr
		}{procedure: messageProcedure, instance: self, name: className}
		class.size = uint32(unsafe.Sizeof(class))
		_, _, _ = registerClass.Call(uintptr(unsafe.Pointer(&class)))
	})
	window, _, err := createWindow.Call(0, uintptr(unsafe.Pointer(className)), 0, 0, 0, 0, 0, 0, messageOnly, 0, self, 0)
	if window == 0 {
		return fmt.Errorf("a window for messages: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _, _, _ = postMessage.Call(window, wmClose, 0, 0) })
	defer stop()
	const thisSession = 0
	if ok, _, err := registerSession.Call(window, thisSession); ok == 0 {
		_, _, _ = destroyWindow.Call(window)
		return err
	}
	defer func() { _, _, _ = unregisterSession.Call(window) }()
	var message struct {
		window         uintptr
		kind           uint32
		wp, lp         uintptr
		time           uint32
		x, y, reserved int32
	}
	for {
		more, _, _ := getMessage.Call(uintptr(unsafe.Pointer(&message)), 0, 0, 0)
		if int32(more) <= 0 {
			return nil
		}
		_, _, _ = dispatchMessage.Call(uintptr(unsafe.Pointer(&message)))
	}
}

// awaitSleep is called back by the system: a window for messages is not told of sleep.
func awaitSleep(ctx context.Context) error {
	if registerSuspend.Find() != nil {
		return errNothingTellsUs
	}
	const byCallback = 2
	how := struct{ procedure, context uintptr }{suspendProcedure, 0}
	var handle uintptr
	if code, _, _ := registerSuspend.Call(byCallback, uintptr(unsafe.Pointer(&how)), uintptr(unsafe.Pointer(&handle))); code != 0 {
		return windows.Errno(code)
	}
	<-ctx.Done()
	_, _, _ = unregisterSuspend.Call(handle)
	runtime.KeepAlive(&how)
	return nil
}

// awaitNetwork waits for changes of the machine's addresses: one of them may be the way back.
func awaitNetwork(ctx context.Context) error {
	for {
		event, err := windows.CreateEvent(nil, 0, 0, nil)
		if err != nil {
			return err
		}
		over := windows.Overlapped{HEvent: event}
		var handle windows.Handle
		const pending = 997
		if code, _, _ := notifyAddrChange.Call(uintptr(unsafe.Pointer(&handle)), uintptr(unsafe.Pointer(&over))); code != 0 && code != pending {
			_ = windows.CloseHandle(event)
			return windows.Errno(code)
		}
		stop := context.AfterFunc(ctx, func() {
			_, _, _ = cancelIPChange.Call(uintptr(unsafe.Pointer(&over)))
			_ = windows.SetEvent(event)
		})
		_, err = windows.WaitForSingleObject(event, windows.INFINITE)
		done := !stop()
		_ = windows.CloseHandle(event)
		if err != nil || done || ctx.Err() != nil {
			return err
		}
		tellSign(networkBack)
	}
}

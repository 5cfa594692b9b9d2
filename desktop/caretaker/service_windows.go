package caretaker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
)

const (
	pipe = `\\.\pipe\sendjay-update`
	// mayTalk is reading and writing without the right to put up a second such pipe, which generic writing includes.
	mayTalk = windows.FILE_GENERIC_READ | windows.FILE_WRITE_DATA | windows.FILE_WRITE_ATTRIBUTES
	// folderRights: the system and administrators write, everybody reads; nothing is inherited.
	folderRights = "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FRFX;;;BU)"
	// dialWithin bounds one try to reach a Keeper.
	dialWithin = 3 * time.Second
)

// doorRights: whoever sits at this computer may talk, nobody from the network.
func doorRights() string {
	return fmt.Sprintf("D:P(D;;GA;;;NU)(A;;GA;;;SY)(A;;GA;;;BA)(A;;0x%x;;;IU)", mayTalk)
}

// Run is the service: it serves with the Keeper that made returns, until nothing is left to do or the system wants
// an end. Only the system can start it.
func Run(made func(dir string, log *slog.Logger) (*Keeper, error)) error {
	return svc.Run(Service, service(made))
}

type service func(dir string, log *slog.Logger) (*Keeper, error)

// Execute tells the system how far it is.
func (s service) Execute(_ []string, wishes <-chan svc.ChangeRequest, state chan<- svc.Status) (bool, uint32) {
	state <- svc.Status{State: svc.StartPending}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	over := make(chan error, 1)
	go func() { over <- s.serve(ctx) }()
	running := svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	state <- running
	for {
		select {
		case err := <-over:
			return code(err)
		case w := <-wishes:
			switch w.Cmd {
			case svc.Interrogate:
				state <- running
			case svc.Stop, svc.Shutdown:
				state <- svc.Status{State: svc.StopPending, WaitHint: uint32((30 * time.Second).Milliseconds())}
				stop()
				return code(<-over)
			}
		}
	}
}

// code is how an end is told to the system; the reason is in the log.
func code(err error) (own bool, code uint32) {
	if err != nil {
		return true, 1
	}
	return false, 0
}

func (s service) serve(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir := Folder(self)
	if err := ownFolder(dir); err != nil {
		return err
	}
	diary, err := OpenDiary(filepath.Join(dir, "service.log"))
	if err != nil {
		return err
	}
	defer func() { _ = diary.Close() }()
	log := slog.New(slog.NewTextHandler(diary, nil))
	k, err := s(dir, log)
	if err == nil {
		var door net.Listener
		if door, err = winio.ListenPipe(pipe, &winio.PipeConfig{SecurityDescriptor: doorRights()}); err == nil {
			err = k.Serve(ctx, door)
		}
	}
	if err != nil {
		log.Error("it cannot serve", "error", err)
	}
	return err
}

// ownFolder makes sure that dir is a folder which only administrators may write.
func ownFolder(dir string) error {
	rights, err := windows.SecurityDescriptorFromString(folderRights)
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return err
	}
	as := &windows.SecurityAttributes{SecurityDescriptor: rights}
	as.Length = uint32(unsafe.Sizeof(*as))
	if err := windows.CreateDirectory(name, as); err == nil || !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeDir {
		return fmt.Errorf("%s leads somewhere else", dir)
	}
	list, _, err := rights.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil)
}

// open returns the service as far as a person without rights may use it. One whose program is another is not ours.
func open(program string) (windows.Handle, error) {
	all, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return 0, err
	}
	defer func() { _ = windows.CloseServiceHandle(all) }()
	name, err := windows.UTF16PtrFromString(Service)
	if err != nil {
		return 0, err
	}
	s, err := windows.OpenService(all, name, windows.SERVICE_START|windows.SERVICE_QUERY_CONFIG)
	if err != nil {
		return 0, err
	}
	if err := isOurs(s, program); err != nil {
		_ = windows.CloseServiceHandle(s)
		return 0, err
	}
	return s, nil
}

// isOurs reports whether a service can be started and its program is this one.
func isOurs(s windows.Handle, program string) error {
	const most = 8 << 10 // that is all the system ever says
	var raw [most / 8]uint64
	c := (*windows.QUERY_SERVICE_CONFIG)(unsafe.Pointer(&raw))
	var needs uint32
	if err := windows.QueryServiceConfig(s, c, most, &needs); err != nil {
		return err
	}
	if c.StartType == windows.SERVICE_DISABLED {
		return windows.ERROR_SERVICE_DISABLED
	}
	// The quotes stand around the program, if at all.
	if said := strings.ReplaceAll(windows.UTF16PtrToString(c.BinaryPathName), `"`, ""); !strings.EqualFold(said, program+" "+Flag) {
		return errors.New("the service is that of another copy")
	}
	return nil
}

// reach returns how the Keeper of the program is found and called.
func reach(program string) (there func() bool, call func(context.Context) (net.Conn, error)) {
	there = func() bool {
		s, err := open(program)
		if err != nil {
			return false
		}
		_ = windows.CloseServiceHandle(s)
		return true
	}
	call = func(ctx context.Context) (net.Conn, error) {
		s, err := open(program)
		if err != nil {
			return nil, err
		}
		err = windows.StartService(s, 0, nil)
		_ = windows.CloseServiceHandle(s)
		if err != nil && !errors.Is(err, windows.ERROR_SERVICE_ALREADY_RUNNING) {
			return nil, err
		}
		ctx, stop := context.WithTimeout(ctx, dialWithin)
		defer stop()
		return winio.DialPipeAccess(ctx, pipe, mayTalk)
	}
	return there, call
}

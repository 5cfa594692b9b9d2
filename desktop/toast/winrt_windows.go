package toast

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"unsafe"

	"github.com/go-ole/go-ole"
	"golang.org/x/sys/windows/registry"
)

// appID is under which name Windows knows the program, in its settings too; group holds all that we show.
const appID, group = "Sendjay.Desktop", "sendjay"

// The interfaces and the places of their methods are those of the Windows metadata, as winrt-go-gen
// (github.com/saltosystems/winrt-go) prints them. The first six places of each are IInspectable's own.
var (
	iidStatics  = ole.NewGUID("{50ac103f-d235-4598-bbef-98fe4d1a3ad4}") // IToastNotificationManagerStatics
	iidStatics2 = ole.NewGUID("{7ab93c52-0e48-4750-ba9d-1a4113981847}") // IToastNotificationManagerStatics2
	iidFactory  = ole.NewGUID("{04124b20-82c6-4229-b109-fd9ed4662b53}") // IToastNotificationFactory
	iidToast2   = ole.NewGUID("{9dfb9fd1-143a-490e-90bf-b9fba7132de7}") // IToastNotification2
	iidHistory  = ole.NewGUID("{5caddc63-01d3-4c97-986f-0533483fee14}") // IToastNotificationHistory
	iidHistory2 = ole.NewGUID("{3bc3d253-2f31-4092-9129-8ad5abf067da}") // IToastNotificationHistory2
	iidXML      = ole.NewGUID("{f7f3a506-1e87-42d6-bcfb-b8c809fa5494}") // IXmlDocument
	iidXMLIO    = ole.NewGUID("{6cd0e74e-ee65-4489-9ebf-ca43e87ba637}") // IXmlDocumentIO
)

const (
	staticsCreateNotifierWithID = 7
	statics2GetHistory          = 6
	factoryCreate               = 6
	toast2SetTag                = 6
	toast2Tag                   = 7
	toast2SetGroup              = 8
	historyRemoveTag            = 8
	historyClear                = 12
	history2OfID                = 7
	listAt                      = 6
	listSize                    = 7
	notifierShow                = 6
	notifierSetting             = 8
	xmlLoad                     = 6
)

// platform is the notification platform of Windows. It belongs to one thread.
type platform struct {
	notifier, history, factory *ole.IUnknown
}

// newPlatform registers the program and asks for what is needed. The calling goroutine stays on its thread.
func newPlatform() (*platform, error) {
	runtime.LockOSThread()
	const multiThreaded, already = 1, 1
	if err := ole.RoInitialize(multiThreaded); err != nil {
		if why, is := errors.AsType[*ole.OleError](err); !is || why.Code() != already {
			return nil, fmt.Errorf("the Windows runtime: %w", err)
		}
	}
	if err := introduce(); err != nil {
		return nil, fmt.Errorf("register for notifications: %w", err)
	}
	const manager = "Windows.UI.Notifications.ToastNotificationManager"
	statics, err := factoryOf(manager, iidStatics)
	if err != nil {
		return nil, err
	}
	defer statics.Release()
	p := new(platform)
	if err := withText(appID, func(id ole.HString) error {
		return call(statics, staticsCreateNotifierWithID, uintptr(id), uintptr(unsafe.Pointer(&p.notifier)))
	}); err != nil {
		return nil, fmt.Errorf("a notifier: %w", err)
	}
	if p.factory, err = factoryOf("Windows.UI.Notifications.ToastNotification", iidFactory); err != nil {
		return nil, err
	}
	statics2, err := factoryOf(manager, iidStatics2)
	if err != nil {
		return nil, err
	}
	defer statics2.Release()
	var some *ole.IUnknown
	if err := call(statics2, statics2GetHistory, uintptr(unsafe.Pointer(&some))); err != nil {
		return nil, fmt.Errorf("the history: %w", err)
	}
	defer some.Release()
	if p.history, err = as(some, iidHistory); err != nil {
		return nil, fmt.Errorf("the history: %w", err)
	}
	return p, nil
}

// introduce tells Windows our name and picture, without which nothing is shown.
func introduce() error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, `Software\Classes\AppUserModelId\`+appID, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer func() { _ = k.Close() }()
	if self, err := os.Executable(); err == nil {
		picture := filepath.Join(filepath.Dir(self), "sendjay.ico")
		if _, err := os.Stat(picture); err == nil {
			_ = k.SetStringValue("IconUri", picture) // it is a picture
		}
	}
	return k.SetStringValue("DisplayName", "Sendjay")
}

// show shows the document under a tag, in place of what stood there under it.
func (p *platform) show(document, tag string) error {
	xml, err := ole.RoActivateInstance("Windows.Data.Xml.Dom.XmlDocument")
	if err != nil {
		return fmt.Errorf("a document: %w", err)
	}
	defer xml.Release()
	in, err := as(&xml.IUnknown, iidXMLIO)
	if err != nil {
		return err
	}
	defer in.Release()
	if err := withText(document, func(s ole.HString) error { return call(in, xmlLoad, uintptr(s)) }); err != nil {
		return fmt.Errorf("load the document: %w", err)
	}
	content, err := as(&xml.IUnknown, iidXML)
	if err != nil {
		return err
	}
	defer content.Release()
	var made *ole.IUnknown
	if err := call(p.factory, factoryCreate, uintptr(unsafe.Pointer(content)), uintptr(unsafe.Pointer(&made))); err != nil {
		return fmt.Errorf("make a notification: %w", err)
	}
	defer made.Release()
	named, err := as(made, iidToast2)
	if err != nil {
		return err
	}
	defer named.Release()
	for place, text := range map[int]string{toast2SetTag: tag, toast2SetGroup: group} {
		if err := withText(text, func(s ole.HString) error { return call(named, place, uintptr(s)) }); err != nil {
			return fmt.Errorf("name a notification: %w", err)
		}
	}
	return call(p.notifier, notifierShow, uintptr(unsafe.Pointer(made)))
}

// remove takes what stands under a tag off the screen and out of the notification centre.
func (p *platform) remove(tag string) error {
	return withText(tag, func(t ole.HString) error {
		return withText(group, func(g ole.HString) error {
			return withText(appID, func(id ole.HString) error {
				return call(p.history, historyRemoveTag, uintptr(t), uintptr(g), uintptr(id))
			})
		})
	})
}

// tags returns under which tags something of ours stands on the screen or in the notification centre.
func (p *platform) tags() (all []string, err error) {
	history, err := as(p.history, iidHistory2)
	if err != nil {
		return nil, err
	}
	defer history.Release()
	var list *ole.IUnknown
	if err := withText(appID, func(id ole.HString) error {
		return call(history, history2OfID, uintptr(id), uintptr(unsafe.Pointer(&list)))
	}); err != nil {
		return nil, fmt.Errorf("what stands there: %w", err)
	}
	defer list.Release()
	var n uint32
	if err := call(list, listSize, uintptr(unsafe.Pointer(&n))); err != nil {
		return nil, fmt.Errorf("how much stands there: %w", err)
	}
	for i := range n {
		tag, err := tagAt(list, i)
		if err != nil {
			return nil, fmt.Errorf("the tag of a notification: %w", err)
		}
		all = append(all, tag)
	}
	return all, nil
}

func tagAt(list *ole.IUnknown, i uint32) (string, error) {
	var one *ole.IUnknown
	if err := call(list, listAt, uintptr(i), uintptr(unsafe.Pointer(&one))); err != nil {
		return "", err
	}
	defer one.Release()
	named, err := as(one, iidToast2)
	if err != nil {
		return "", err
	}
	defer named.Release()
	var text ole.HString
	if err := call(named, toast2Tag, uintptr(unsafe.Pointer(&text))); err != nil {
		return "", err
	}
	defer func() { _ = ole.DeleteHString(text) }()
	return text.String(), nil
}

func (p *platform) clear() error {
	return withText(appID, func(id ole.HString) error { return call(p.history, historyClear, uintptr(id)) })
}

// allowed reports whether the person and the company let us show anything.
func (p *platform) allowed() bool {
	var setting int32
	const enabled = 0
	return call(p.notifier, notifierSetting, uintptr(unsafe.Pointer(&setting))) == nil && setting == enabled
}

func factoryOf(class string, iid *ole.GUID) (*ole.IUnknown, error) {
	f, err := ole.RoGetActivationFactory(class, iid)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", class, err)
	}
	return &f.IUnknown, nil
}

func as(what *ole.IUnknown, iid *ole.GUID) (*ole.IUnknown, error) {
	var other *ole.IUnknown
	if err := call(what, 0, uintptr(unsafe.Pointer(iid)), uintptr(unsafe.Pointer(&other))); err != nil {
		return nil, fmt.Errorf("interface %s: %w", iid, err)
	}
	return other, nil
}

// call calls the method at a place of the object's table.
func call(what *ole.IUnknown, place int, args ...uintptr) error {
	const places = 32 // more than any table here has
	method := (*[places]uintptr)(unsafe.Pointer(what.RawVTable))[place]
	all := append([]uintptr{uintptr(unsafe.Pointer(what))}, args...)
	if code, _, _ := syscall.SyscallN(method, all...); int32(code) < 0 {
		return ole.NewError(code)
	}
	return nil
}

func withText(s string, use func(ole.HString) error) error {
	text, err := ole.NewHString(s)
	if err != nil {
		return err
	}
	defer func() { _ = ole.DeleteHString(text) }()
	return use(text)
}

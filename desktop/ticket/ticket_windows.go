package ticket

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/alexbrainman/sspi"
)

// mostToken bounds a ticket, as Windows does.
const mostToken = 48_000

// forService asks the system as whoever runs us. The library's own package for Kerberos would end the program where the
// system has none.
func forService(kind, host string) ([]byte, error) {
	cred, err := sspi.AcquireCredentials("", sspi.MICROSOFT_KERBEROS_NAME, sspi.SECPKG_CRED_OUTBOUND, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	defer func() { _ = cred.Release() }()
	name, err := syscall.UTF16PtrFromString(kind + "/" + host)
	if err != nil {
		return nil, err
	}
	c := sspi.NewClientContext(cred, sspi.ISC_REQ_CONNECTION|sspi.ISC_REQ_INTEGRITY)
	out := make([]byte, mostToken)
	var in, answer [1]sspi.SecBuffer
	in[0].Set(sspi.SECBUFFER_TOKEN, nil)
	answer[0].Set(sspi.SECBUFFER_TOKEN, out)
	said := c.Update(name, sspi.NewSecBufferDesc(answer[:]), sspi.NewSecBufferDesc(in[:]))
	if said != sspi.SEC_E_OK && said != sspi.SEC_I_CONTINUE_NEEDED {
		return nil, fmt.Errorf("%w for %s: %w", ErrNone, host, said)
	}
	defer func() { _ = c.Release() }()
	if answer[0].BufferSize == 0 {
		return nil, errors.New("the system says nothing")
	}
	return out[:answer[0].BufferSize], nil
}

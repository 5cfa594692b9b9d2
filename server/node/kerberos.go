package node

import (
	"fmt"
	"log/slog"

	"sendjay/server/auth"
	"sendjay/server/config"
	"sendjay/server/kerberos"
	"sendjay/shared/protocol"
)

// openKerberos reads the keytab, where there is one.
func openKerberos(c config.Config, log *slog.Logger) (auth.Kerberos, error) {
	k := c.Kerberos
	if k.Keytab == "" {
		return auth.Kerberos{}, nil
	}
	tickets, err := kerberos.Open(kerberos.Config{Keytab: k.Keytab, Service: k.Service, Realms: k.Realms, Skew: k.Skew, Log: log.With("part", "kerberos")})
	if err != nil {
		return auth.Kerberos{}, fmt.Errorf("--kerberos-keytab: %w", err)
	}
	return auth.Kerberos{
		Tickets: tickets, ByDirectory: k.ByDirectory,
		Way: protocol.KerberosWay{Label: protocol.ButtonLabel{Ko: k.LabelKo, En: k.LabelEn}, Silent: k.Silent},
	}, nil
}

// Everything that browsers and programs send in the head of a request has room in plainHead. A ticket of Active
// Directory holds every group of a person: up to 48,000 bytes, and a third more as text.
const (
	plainHead  = 16 << 10
	ticketHead = 80 << 10
)

func headerBytes(c config.Config) int {
	if c.Kerberos.Keytab == "" {
		return plainHead
	}
	return ticketHead
}

package kdctest_test

import (
	"testing"

	"sendjay/shared/kdctest"
)

func TestTheCentreGivesTickets(t *testing.T) {
	c := kdctest.Start(t, "kim")
	if _, _, err := c.Client("kim").GetServiceTicket(kdctest.Service); err != nil {
		t.Error(err)
	}
	c.Kinit("kim")
}

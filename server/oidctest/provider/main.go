// Command provider runs the OpenID provider of the tests, for tests of a browser. It knows its address and that of the
// messenger from its arguments; it keeps nothing.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"sendjay/server/oidctest"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("provider HOST:PORT ADDRESS-OF-A-MESSENGER…")
	}
	at, homes := os.Args[1], os.Args[2:]
	h := oidctest.Handler("http://"+at, homes,
		oidctest.Person{ID: "1001", Username: "kim", Name: "Seoyeon", Mail: "kim@example.com", Verified: true},
		oidctest.Person{ID: "1002", Username: "lee", Name: "Junho", Mail: "lee@example.com", Verified: true},
		oidctest.Person{ID: "1003", Username: "stranger", Name: "Stranger", Mail: "stranger@example.com", Verified: true},
	)
	s := &http.Server{Addr: at, Handler: h, ReadHeaderTimeout: 10 * time.Second}
	fmt.Println("provider listening on http://" + at)
	log.Fatal(s.ListenAndServe())
}

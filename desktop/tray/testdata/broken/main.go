// Command broken is a version that says its name and falls as soon as it shall do more.
package main

import (
	"fmt"
	"os"
)

var version string

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("sendjay", version)
		return
	}
	panic("not today")
}

// Package story tells what the product promises, as scripts that run the real programs (testdata/*.txtar).
// It knows people, a server, a network that can be cut, and desktops; it knows nothing of how they work inside.
//
// People are commands: `kim send sales 'hello'`, `lee sees sales 'hello'`. Whatever waits does so until
// it happened, with a deadline; nothing sleeps.
package story

// Package protocol holds every word on the wire: ids, nouns, commands, events, error codes, limits.
// It knows no socket, no SQL, no clock and no screen.
// The tables Commands and Events are the one place where a word is defined; the TypeScript types,
// the reference page and the golden frames are made from them.
package protocol

//go:generate go run sendjay/shared/tsgen

package node

import "golang.org/x/sys/windows"

// disk is how much of the disk with this folder can still be written, and how large it is, in bytes.
func disk(folder string) (free, all int64, err error) {
	name, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return 0, 0, err
	}
	var mine, whole uint64
	if err := windows.GetDiskFreeSpaceEx(name, &mine, &whole, nil); err != nil {
		return 0, 0, err
	}
	return int64(mine), int64(whole), nil
}

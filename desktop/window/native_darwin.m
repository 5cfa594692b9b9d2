// The manners that webview_go leaves out, on macOS: closing hides, size is told.
// Written by the documentation; it has been neither built nor run yet, for want of a Mac.

#include "native_darwin.h"

#import <Cocoa/Cocoa.h>
#include <stdio.h>

@interface SendjayManners : NSObject <NSWindowDelegate>
@end

static SendjayManners *manners;

static void say(NSString *line) {
	printf("%s\n", line.UTF8String);
	fflush(stdout);
}

@implementation SendjayManners
- (BOOL)windowShouldClose:(NSWindow *)window {
	[window orderOut:nil];
	say(@"closed");
	return NO;
}
- (void)tell:(NSWindow *)w {
	NSRect r = w.frame;
	// Cocoa counts from the bottom; the tray keeps what it is told and hands it back.
	say([NSString stringWithFormat:@"moved %dx%d%+d%+d", (int)r.size.width, (int)r.size.height, (int)r.origin.x, (int)r.origin.y]);
}
- (void)windowDidMove:(NSNotification *)n {
	[self tell:n.object];
}
- (void)windowDidEndLiveResize:(NSNotification *)n {
	[self tell:n.object];
}
- (void)windowDidBecomeKey:(NSNotification *)n {
	say(@"focused 1");
}
- (void)windowDidResignKey:(NSNotification *)n {
	say(@"focused 0");
}
@end

void sendjay_dress(void *window, const struct sendjay_place *p, int min_w, int min_h) {
	NSWindow *w = (__bridge NSWindow *)window;
	manners = [SendjayManners new];
	w.delegate = manners;
	w.minSize = NSMakeSize(min_w, min_h);
	[w orderOut:nil];
	sendjay_move(window, p);
}

void sendjay_show(void *window) {
	NSWindow *w = (__bridge NSWindow *)window;
	[w makeKeyAndOrderFront:nil];
	[NSApp activateIgnoringOtherApps:YES];
}

void sendjay_hide(void *window) {
	NSWindow *w = (__bridge NSWindow *)window;
	if (w.visible) {
		[w orderOut:nil];
		say(@"closed");
	}
}

void sendjay_move(void *window, const struct sendjay_place *p) {
	NSWindow *w = (__bridge NSWindow *)window;
	NSRect r = w.frame;
	r.size = NSMakeSize(p->w, p->h);
	if (p->fixed)
		r.origin = NSMakePoint(p->x, p->y);
	[w setFrame:r display:YES];
}

// The manners that webview_go leaves out, on Windows: closing hides, size is told, nothing flashes
// before the page. Built by cross-compilation only; it has not been run.
// Foreign links are not caught here: WebView2 opens them in windows of its own. The page opens
// links with a target, and the edge's content security policy keeps the page itself at home.

#include "native_windows.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

static WNDPROC before;
static HBRUSH ground;
static int least_w, least_h, stay;
static char last_place[96];

static void say(const char *format, ...) {
	char line[256];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(line, sizeof line - 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	if (n > (int)sizeof line - 2)
		n = sizeof line - 2;
	line[n++] = '\n';
	DWORD done;
	if (!WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), line, n, &done, NULL))
		PostQuitMessage(0); // nobody listens any more
}

static void tell_place(HWND w) {
	WINDOWPLACEMENT p = {.length = sizeof p};
	if (!IsWindowVisible(w) || IsIconic(w) || !GetWindowPlacement(w, &p))
		return;
	RECT r = p.rcNormalPosition;
	char line[96];
	snprintf(line, sizeof line, "moved %ldx%ld%+ld%+ld%s", r.right - r.left, r.bottom - r.top, r.left, r.top, IsZoomed(w) ? " max" : "");
	if (strcmp(line, last_place)) {
		strcpy(last_place, line);
		say("%s", line);
	}
}

static LRESULT CALLBACK manners(HWND w, UINT message, WPARAM wp, LPARAM lp) {
	switch (message) {
	case WM_CLOSE:
		if (stay) {
			ShowWindow(w, SW_MINIMIZE);
			return 0;
		}
		ShowWindow(w, SW_HIDE);
		say("closed");
		return 0;
	case WM_EXITSIZEMOVE:
		tell_place(w);
		break;
	case WM_SIZE:
		if (wp == SIZE_MAXIMIZED || wp == SIZE_RESTORED) {
			LRESULT r = CallWindowProcW(before, w, message, wp, lp);
			tell_place(w);
			return r;
		}
		break;
	case WM_ACTIVATE:
		say("focused %d", LOWORD(wp) == WA_INACTIVE ? 0 : 1);
		break;
	case WM_GETMINMAXINFO:
		((MINMAXINFO *)lp)->ptMinTrackSize.x = least_w;
		((MINMAXINFO *)lp)->ptMinTrackSize.y = least_h;
		return 0;
	case WM_ERASEBKGND: {
		RECT r;
		GetClientRect(w, &r);
		FillRect((HDC)wp, &r, ground);
		return 1;
	}
	}
	return CallWindowProcW(before, w, message, wp, lp);
}

void sendjay_dress(void *hwnd, const struct sendjay_place *p, int min_w, int min_h, int dark, int minimise) {
	HWND w = hwnd;
	least_w = min_w, least_h = min_h, stay = minimise;
	ground = CreateSolidBrush(dark ? RGB(0x14, 0x18, 0x1d) : RGB(0xff, 0xff, 0xff));
	ShowWindow(w, SW_HIDE);
	before = (WNDPROC)SetWindowLongPtrW(w, GWLP_WNDPROC, (LONG_PTR)manners);
	sendjay_move(w, p);
}

void sendjay_show(void *hwnd) {
	HWND w = hwnd;
	ShowWindow(w, IsIconic(w) ? SW_RESTORE : SW_SHOW);
	SetForegroundWindow(w);
}

void sendjay_hide(void *hwnd) {
	if (IsWindowVisible(hwnd)) {
		ShowWindow(hwnd, SW_HIDE);
		say("closed");
	}
}

void sendjay_move(void *hwnd, const struct sendjay_place *p) {
	UINT flags = SWP_NOZORDER | SWP_NOACTIVATE;
	if (!p->fixed)
		flags |= SWP_NOMOVE;
	SetWindowPos(hwnd, NULL, p->x, p->y, p->w, p->h, flags);
	if (p->max && IsWindowVisible(hwnd))
		ShowWindow(hwnd, SW_MAXIMIZE);
}

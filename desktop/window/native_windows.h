#ifndef SENDJAY_NATIVE_WINDOWS_H
#define SENDJAY_NATIVE_WINDOWS_H

struct sendjay_place {
	int w, h, x, y, fixed, max;
};

/* Gives the window of webview_go its manners and hides it until it is asked for. */
void sendjay_dress(void *hwnd, const struct sendjay_place *p, int min_w, int min_h, int dark, int minimise);
/* These run on the main thread. */
void sendjay_show(void *hwnd);
void sendjay_hide(void *hwnd);
void sendjay_move(void *hwnd, const struct sendjay_place *p);

#endif

#ifndef SENDJAY_NATIVE_LINUX_H
#define SENDJAY_NATIVE_LINUX_H

struct sendjay_options {
	const char *data, *theme, *accel;
	int sandbox, minimise, fleeting;
	int zoom, min_zoom, max_zoom;
	int w, h, x, y, fixed, max;
	int min_w, min_h;
	const unsigned char *icon;
	unsigned long icon_len;
};

/* Makes the window, without showing it; NULL when there is no display. */
void *sendjay_window(const struct sendjay_options *o);
/* Gives the view inside the window its manners. Call it after webview_go has put the view there. */
void sendjay_take_drops(void *view);
/* Pastes files out of the clipboard; 0 when it is known to have none, and the paste is the engine's. */
int sendjay_paste_files(void *view);
int sendjay_dress(void *window);
/* These four run on the main thread. */
void sendjay_load(const char *url);
void sendjay_show(const char *token);
void sendjay_hide(void);
void sendjay_move(int w, int h, int x, int y, int fixed, int max);

#endif

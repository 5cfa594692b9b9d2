#ifndef SENDJAY_NATIVE_DARWIN_H
#define SENDJAY_NATIVE_DARWIN_H

struct sendjay_place {
	int w, h, x, y, fixed;
};

/* All of these run on the main thread. */
void sendjay_dress(void *window, const struct sendjay_place *p, int min_w, int min_h);
void sendjay_show(void *window);
void sendjay_hide(void *window);
void sendjay_move(void *window, const struct sendjay_place *p);

#endif

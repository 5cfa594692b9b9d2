// Files that are dropped onto the window, or pasted into it. WebKitGTK tells a page that addresses were dropped, but gives it no files any
// more (CVE-2025-13947: a page could have dragged addresses of its own onto itself). Here both ends of the drag are
// known: what another program drags in is remembered, and when it was let go over the page, the page's next question
// for files is answered with it instead of a dialog. A page that asks without a drop gets the dialog. Files that a person pastes come the
// same way.

#include "native_linux.h"

#include <gtk/gtk.h>
#include <webkit2/webkit2.h>

static const gint64 fresh = 3 * G_USEC_PER_SEC; // so long may the page take to ask

static char **hung;      // the addresses of what hangs over the page, or hung there last
static gboolean foreign; // they come from another program
static gint64 let_go;    // when they were dropped, 0 for not

static void on_drag_data(GtkWidget *w, GdkDragContext *drag, int x, int y, GtkSelectionData *data, guint info, guint time, gpointer unused) {
	char **uris = gtk_selection_data_get_uris(data);
	if (!uris)
		return;
	g_strfreev(hung);
	hung = uris;
	foreign = gtk_drag_get_source_widget(drag) == NULL;
	let_go = 0;
}

static gboolean to_paste; // the clipboard offers addresses

static gboolean with_folder(void) {
	gboolean is = FALSE;
	for (char **uri = hung; uri && *uri && !is; uri++) {
		char *path = g_filename_from_uri(*uri, NULL, NULL);
		is = path && g_file_test(path, G_FILE_TEST_IS_DIR);
		g_free(path);
	}
	return is;
}

// announce lets the page ask for the files, which pages may do only on a press of the person's, and say that folders are
// passed over.
static void announce(WebKitWebView *view, const char *how) {
	char *said = g_strdup_printf("%sdispatchEvent(new Event('%s'))", with_folder() ? "dispatchEvent(new Event('sendjay-folder'));" : "", how);
	webkit_web_view_evaluate_javascript(view, said, -1, NULL, NULL, NULL, NULL, NULL);
	g_free(said);
}

// It comes behind the drop.
static gboolean tell(gpointer view) {
	announce(view, "sendjay-dropped");
	return G_SOURCE_REMOVE;
}

static void on_targets(GtkClipboard *c, GdkAtom *targets, int n, gpointer unused) {
	to_paste = targets && gtk_targets_include_uri(targets, n);
}

static void on_owner(GtkClipboard *c, GdkEvent *e, gpointer unused) {
	to_paste = FALSE;
	gtk_clipboard_request_targets(c, on_targets, NULL);
}

// Addresses that are not files, such as a link, are for the engine to paste.
static void on_uris(GtkClipboard *c, char **uris, gpointer view) {
	if (!uris || !*uris || !g_str_has_prefix(*uris, "file:")) {
		webkit_web_view_execute_editing_command(view, WEBKIT_EDITING_COMMAND_PASTE);
		return;
	}
	g_strfreev(hung);
	hung = g_strdupv(uris);
	let_go = g_get_monotonic_time();
	announce(view, "sendjay-pasted");
}

int sendjay_paste_files(void *view) {
	if (to_paste)
		gtk_clipboard_request_uris(gtk_clipboard_get(GDK_SELECTION_CLIPBOARD), on_uris, view);
	return to_paste;
}

// WebKit's own handler ends the signal, so that others hear of it only this way.
static gboolean on_drop(GSignalInvocationHint *hint, guint n, const GValue *values, gpointer view) {
	if (n > 0 && g_value_get_object(&values[0]) == view && foreign) {
		let_go = g_get_monotonic_time();
		g_idle_add_full(G_PRIORITY_LOW, tell, g_object_ref(view), g_object_unref);
	}
	return TRUE;
}

static gboolean on_chooser(WebKitWebView *view, WebKitFileChooserRequest *request, gpointer unused) {
	gboolean asked = let_go != 0 && g_get_monotonic_time() - let_go < fresh;
	let_go = 0;
	if (!asked || !hung)
		return FALSE;
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	for (char **uri = hung; *uri; uri++) {
		char *path = g_filename_from_uri(*uri, NULL, NULL);
		if (path && g_file_test(path, G_FILE_TEST_IS_REGULAR)) // folders have no bytes of their own
			g_ptr_array_add(paths, path);
		else
			g_free(path);
	}
	g_clear_pointer(&hung, g_strfreev);
	if (paths->len > 1 && !webkit_file_chooser_request_get_select_multiple(request))
		g_ptr_array_set_size(paths, 1);
	gboolean some = paths->len > 0;
	g_ptr_array_add(paths, NULL);
	if (some)
		webkit_file_chooser_request_select_files(request, (const char *const *)paths->pdata);
	else
		webkit_file_chooser_request_cancel(request);
	g_ptr_array_unref(paths);
	return TRUE;
}

void sendjay_take_drops(void *view) {
	g_signal_connect(view, "drag-data-received", G_CALLBACK(on_drag_data), NULL);
	g_signal_connect(view, "run-file-chooser", G_CALLBACK(on_chooser), NULL);
	GtkClipboard *c = gtk_clipboard_get(GDK_SELECTION_CLIPBOARD);
	g_signal_connect(c, "owner-change", G_CALLBACK(on_owner), NULL);
	on_owner(c, NULL, NULL);
	g_signal_add_emission_hook(g_signal_lookup("drag-drop", GTK_TYPE_WIDGET), 0, on_drop, view, NULL);
}

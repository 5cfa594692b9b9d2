// A window from which files can be dragged, as a file manager does, and which has copied them. It says "begun" once somebody pulls.

#include <gtk/gtk.h>

static void give(GtkWidget *w, GdkDragContext *c, GtkSelectionData *data, guint info, guint time, gpointer uris) {
	gtk_selection_data_set_uris(data, uris);
}

static void begun(GtkWidget *w, GdkDragContext *c, gpointer unused) {
	g_print("begun\n");
}

static void copied(GtkClipboard *c, GtkSelectionData *data, guint info, gpointer uris) {
	give(NULL, NULL, data, 0, 0, uris);
}

int main(int argc, char **argv) {
	gtk_init(&argc, &argv);
	char **uris = g_new0(char *, argc);
	for (int i = 1; i < argc; i++)
		uris[i - 1] = g_filename_to_uri(argv[i], NULL, NULL);
	GtkTargetEntry list = {"text/uri-list", 0, 0};
	GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL), *box = gtk_event_box_new();
	gtk_window_set_title(GTK_WINDOW(window), "a file");
	gtk_window_set_default_size(GTK_WINDOW(window), 120, 120);
	gtk_container_add(GTK_CONTAINER(window), box);
	gtk_drag_source_set(box, GDK_BUTTON1_MASK, &list, 1, GDK_ACTION_COPY);
	g_signal_connect(box, "drag-data-get", G_CALLBACK(give), uris);
	g_signal_connect(box, "drag-begin", G_CALLBACK(begun), NULL);
	g_signal_connect(window, "destroy", G_CALLBACK(gtk_main_quit), NULL);
	gtk_clipboard_set_with_data(gtk_clipboard_get(GDK_SELECTION_CLIPBOARD), &list, 1, copied, NULL, uris);
	gtk_widget_show_all(window);
	gtk_main();
}

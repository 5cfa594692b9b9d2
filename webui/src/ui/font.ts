// Pretendard, cut into parts by the letters they hold; the browser fetches the parts it needs, from our own server.
import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";

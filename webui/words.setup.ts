// Tests know every sentence of both languages from the start.
import en from "../shared/locale/en.json";
import ko from "../shared/locale/ko.json";
import { learn } from "./src/text/say.ts";

learn("ko", ko);
learn("en", en);

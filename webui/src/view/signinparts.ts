// What stands in front of everything else, in one piece.
export { Enrol } from "./Enrol.tsx";
export { ChangePassword, SignIn } from "./SignIn.tsx";

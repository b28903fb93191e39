//! The names of keys as the screens show them. The configuration takes the English ones in every language.

super::phrases! {
    /// The name of a key, or of a modifier that is written before one.
    KeyText {
        Enter: "enter", "entrée";
        Escape: "esc", "échap";
        Tab: "tab", "tab";
        Backspace: "backspace", "ret.arr.";
        Delete: "del", "suppr";
        Insert: "ins", "inser";
        Up: "up", "haut";
        Down: "down", "bas";
        Left: "left", "gauche";
        Right: "right", "droite";
        Home: "home", "début";
        End: "end", "fin";
        PageUp: "pageup", "page préc.";
        PageDown: "pagedown", "page suiv.";
        Space: "space", "espace";
        Minus: "minus", "moins";
        Shift: "shift-", "maj-";
    }
}

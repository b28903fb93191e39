//! Words of the login.

super::phrases! {
    /// Words of the login.
    LoginText {
        Title: "Log in", "Connexion";
        Server: "Server", "Serveur";
        User: "Login", "Compte";
        Password: "Password", "Mot de passe";
        ServerHint: "host:5432/stock_management", "hôte:5432/stock_management";
        Explain: "Use your own database login. It decides what you may do, and every posting bears its name.",
            "Utilisez votre propre compte. Il décide de ce que vous pouvez faire, et chaque écriture porte son nom.";
        NoUser: "Type your login.", "Saisissez votre compte.";
        NoGroup: "The login {login} is in none of the groups clerk, admin and auditor, so the screens have nothing to show it.",
            "Le compte {login} n'est dans aucun des groupes clerk, admin et auditor : les écrans n'ont rien à lui montrer.";
    }
}

//! The text of the login form.

super::phrases! {
    /// The text of the login form.
    LoginText {
        Title: "Log in", "Connexion";
        Server: "Server", "Serveur";
        User: "Login", "Identifiant";
        Password: "Password", "Mot de passe";
        ServerHint: "host:5432/stock_management", "hôte:5432/stock_management";
        Explain: "Use your own database login. It determines what you may do, and every posting is recorded under it.",
            "Utilisez votre propre compte : il détermine vos droits, et chaque écriture est enregistrée sous son nom.";
        Keep: "Keep the password on this machine (space)", "Conserver le mot de passe sur cette machine (espace)";
        KeptInDesktop: "The password is kept in the keyring of the desktop.", "Le mot de passe est conservé dans le trousseau du bureau.";
        KeptInFile: "The password is kept in {file}.", "Le mot de passe est conservé dans {file}.";
        NotKept: "The password was not kept: {message}", "Le mot de passe n'a pas été conservé : {message}";
        NoUser: "Enter your login.", "Saisissez votre identifiant.";
        NoGroup: "The login {login} is not a member of clerk, admin or auditor, so the screens have nothing to show.",
            "Le compte {login} n'appartient à aucun des groupes clerk, admin et auditor : les écrans n'ont rien à afficher.";
    }
}

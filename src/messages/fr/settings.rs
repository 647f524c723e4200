//! Les réglages, pour `--help`. Each setting's sentence in French, by its input's name; the English ones stand in
//! the table of settings itself. A test holds that none is missing, and that README.fr.md says the same.

/// Every sentence.
pub const SENTENCES: &[(&str, &str)] = &[
    ("mode", "Que faire : `deploy`, `watch`, `rollback`, `promote`, `health`, `report`, `status` ou `doctor`."),
    (
        "environment",
        "Quel environnement : sa clé dans le fichier de configuration, ou un nouveau nom. Requis pour deploy, watch, rollback et promote ; tous pour health, status et doctor.",
    ),
    ("config", "Fichier de configuration ; celui par défaut est lu s'il existe dans l'espace de travail."),
    (
        "sha",
        "Le commit, 40 chiffres hexadécimaux ; par défaut celui dont le CI a fini sur `workflow_run`, sinon `GITHUB_SHA`.",
    ),
    ("to", "Où revenir : `last-validated`, `previous`, ou un SHA de 7 à 40 chiffres hexadécimaux."),
    ("confirm", "Doit être exactement `DEPLOY`."),
    ("label", "Le nom de l'environnement dans les messages."),
    (
        "app-path",
        "Le work tree git sur cette machine, ou un dossier de celui-ci. Requis pour deploy et promote dans un workflow ; rollback, watch, et deploy dans un terminal prennent celui du dernier déploiement.",
    ),
    ("branch", "Un SHA qui n'est pas sur `origin/<branch>` est refusé."),
    ("compose-file", "Fichier Compose ; sans lui, pas d'étape pour les conteneurs."),
    ("compose-service", "Services à redémarrer, un par ligne."),
    (
        "compose-strategy",
        "`restart`, `up` (up -d --build --remove-orphans), `recreate` (down, puis up), ou `auto` : `up` quand a changé ce qu'un restart ne voit pas, sinon `restart`.",
    ),
    (
        "deploy-command",
        "Programme et arguments, un par ligne : lancé après le reset, avant Compose ; jamais par un shell.",
    ),
    ("deploy-command-timeout", "Temps donné à cette commande ; ensuite elle est arrêtée, et compte comme échouée."),
    ("url", "Adresse publique du site."),
    ("health-url", "URL à vérifier, une par ligne."),
    ("health-status", "Codes HTTP acceptés."),
    (
        "health-contains",
        "Texte que le corps doit contenir ; `{sha}` et `{sha7}` désignent le commit, pour qu'un contrôle prouve quelle version répond.",
    ),
    ("health-json", "`clé=valeur` qu'une réponse JSON doit contenir, comme `status=ok`."),
    ("health-attempts", "Essais avant qu'un site ne soit en mauvaise santé."),
    ("health-interval", "Temps entre deux essais ; pendant le délai de grâce, au moins un par seconde."),
    ("health-timeout", "Temps d'un essai, corps compris."),
    ("health-grace", "Après un redémarrage, les essais qui échouent ne comptent pas pendant ce temps."),
    (
        "on-unhealthy",
        "Que faire quand la nouvelle version ne va pas bien : `rollback`, ou `keep`, la garder en ligne, avec une alerte.",
    ),
    (
        "guard-paths",
        "Motifs (`migrations/**`), depuis le dossier racine du dépôt ou depuis `app-path` ; un dossier désigne tout ce qu'il contient. Si les deux commits y diffèrent, pas de rollback automatique ; une alerte dit pourquoi et que lancer.",
    ),
    ("freeze", "Périodes comme `fri 16:00 - mon 08:00 Europe/Paris` où promote refuse sans `force`."),
    (
        "force",
        "Déployer un commit en quarantaine ou plus ancien, ou revenir à un commit en quarantaine ; promouvoir aussi pendant un gel, ce que `promote-from` ne sert plus, sans version où revenir, ou avec des fichiers qui n'ont pas été remis. Toujours dit dans les messages et le registre.",
    ),
    ("ci-workflow", "Nom de fichier ou `name:` du workflow qui décide."),
    (
        "watch",
        "Comment le CI est suivi : `event`, par un déclencheur `workflow_run` ; `detached`, par un processus qui survit au job ; `inline`, dans le job ; `none`, pas du tout ; `auto` : le premier de ceux-ci qui peut marcher ici.",
    ),
    ("ci-delay", "Temps avant qu'un run de CI absent ne compte comme manquant."),
    ("ci-interval", "Intervalle entre deux lectures du CI."),
    ("ci-timeout", "Temps d'attente du CI ; puis `on-timeout`."),
    ("on-timeout", "`keep` : rester en ligne, non validé, avec une alerte ; ou `rollback`."),
    ("promote-from", "Environnement dont le commit validé peut être promu."),
    ("backup", "Sauvegarde dont les fichiers reviennent avec leur commit : `latest`, ou son nom."),
    (
        "backup-paths",
        "Ce qui est sauvé avant un promote, un chemin par ligne ; `none` pour s'en passer (dans le fichier aussi `backup: none`). Requis pour promouvoir.",
    ),
    ("backup-dir", "Où sont gardées les sauvegardes."),
    ("backup-keep", "Combien de sauvegardes sont gardées."),
    ("state-dir", "Registre, verrous, sauvegardes."),
    ("rollback-point-file", "Simple fichier avec le dernier SHA validé, pour les scripts et les gens."),
    ("log-dir", "Où un watcher écrit `ci-watcher-<SHA>.log` et `ci-watcher-LATEST.log`."),
    ("lock-timeout", "Combien de temps attendre une autre exécution sur le même environnement."),
    ("discord-webhook", "URL du webhook Discord ; sans elle, pas de messages."),
    ("discord-mention", "Id d'un rôle ou d'une personne, ou `everyone`, appelé pour les alertes critiques seulement."),
    (
        "discord-style",
        "`embed` : un message par déploiement, modifié au fil de sa vie, et un nouveau pour ce qui doit sonner ; `text` : un message simple par nouvelle.",
    ),
    ("locale", "Langue des messages et des résumés : `fr` ou `en`."),
    ("token", "Jeton pour l'API de GitHub ; meurt avec le job."),
    (
        "github-deployments",
        "Montrer chaque déploiement sur la page des déploiements du dépôt : `auto` là où le jeton le peut (deployments: write) et où le job n'a pas d'`environment:` de ce nom, ou `off`.",
    ),
    (
        "watch-token",
        "Jeton qui survit au job, pour un watcher détaché (actions:read ; contents:read si le dépôt est privé).",
    ),
    ("needs", "`${{ toJSON(needs) }}`."),
    ("job-status", "`${{ job.status }}`."),
    ("optional", "Jobs qui n'ont pas à réussir, par leur id, un par ligne."),
    (
        "status-page",
        "Fichier pour une page (HTML) de ce qui est montré, pour un navigateur ; relatif au dossier de travail. Sur la ligne de commande aussi `--html`.",
    ),
    ("dry-run", "Afficher le plan, ne rien toucher, ne rien envoyer."),
    ("json", "Afficher la sortie `state`, pour des programmes."),
    ("yes", "Ne pas demander avant un retour en arrière de la production."),
];

/// Defaults that are words, by the English ones.
pub const DEFAULTS: &[(&str, &str)] =
    &[("environment in capitals", "environnement en majuscules"), ("3; promote 5", "3 ; promote 5"), ("all", "tous")];

"""The dialog manager: a standard Rasa project (config, domain, rules, actions) and the process that serves it."""

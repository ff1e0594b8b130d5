"""The names that ship, one file a language; `NOTICE.txt` says whose they are."""

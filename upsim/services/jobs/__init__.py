"""The life of a job: who moves it, who sees it, and in which order a printer's queue shows it.

`lifecycle` alone moves a job, and its `go_on` decides whether a device may fetch one. `owner`, `device`, `pacing`
and `secure_release` call it; `visibility` says who sees which job, `queue` is a printer's queue as IPP shows it.
"""

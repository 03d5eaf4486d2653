"""Every error Derek raises on purpose, one tree; a class says what its catcher may decide.

* DerekError
  + InputError            the caller's input is wrong; asking again unchanged won't help
    - SettingsError       a flag, variable or derek.toml key
    - NotFound            an id or name that this generation does not hold
  + SeedError             one seed file can't be read; the others go on
    - SeedTooLarge        it has more bytes than a seed file may have
  + SeedConflict          another file stands at that name than the caller may replace
  + SeedNotStored         the seeds folder could not be changed; what stood there stands
  + IndexDamaged          a generation on disk is missing, incomplete, foreign or altered
    - NoGeneration        nothing has been indexed yet
  + IndexBusy             another process is writing the index
  + IndexNotWritten       a new generation could not be written; the last one still serves
  + GateFailed            a new generation was written and is not as it should be; the last one still serves
  + ModelError            weights or engines
    - WeightsMissing      nothing in the cache and no source could be reached
    - WeightsDamaged      a file's checksum or shape is not what its manifest says
    - EngineFailed        the language model's engine broke or gave nonsense; may work again later
  + ServerGone            the Derek that is asked over HTTP does not answer any more
  + Cancelled             whoever asked has gone

Each message names what was wrong, where, and the way out.
"""


class DerekError(Exception):
    """The root: catch it at an edge to turn any of Derek's own errors into a message."""


class InputError(DerekError):
    """The caller's input is wrong; asking again unchanged won't help. `field` names the part at fault."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class SettingsError(InputError):
    """A flag, an environment variable or a key of derek.toml is unknown or out of range."""


class NotFound(InputError):
    """An id or name that the generation in use does not hold."""


class SeedError(DerekError):
    """One seed file can't be read or parsed; the others are indexed without it."""


class SeedTooLarge(SeedError):
    """A seed file has more bytes than one may have; none of it was kept."""


class SeedConflict(DerekError):
    """Another file stands at that name than the caller may replace; nothing was changed.

    `present`: the checksum of what stands there, None where nothing does. `stated`: whether the caller had said what it
    expects there; if not, it has to.
    """

    def __init__(self, message: str, present: str | None, *, stated: bool) -> None:
        super().__init__(message)
        self.present = present
        self.stated = stated


class SeedNotStored(DerekError):
    """The seeds folder could not be changed (a full disk, a read-only folder); what stood there stands."""


class IndexDamaged(DerekError):
    """A generation on disk is missing, incomplete, foreign or altered."""


class NoGeneration(IndexDamaged):
    """The vectors folder holds no complete generation yet."""


class IndexBusy(DerekError):
    """Another process is writing the index; one writer at a time."""


class IndexNotWritten(DerekError):
    """A new generation could not be written (a full disk, say); the last one still serves."""


class GateFailed(DerekError):
    """A new generation was built and did not pass a gate, so it was not published; the last one still serves."""


class ModelError(DerekError):
    """Weights or engines."""


class WeightsMissing(ModelError):
    """The cache lacks a model's files and no source could be reached."""


class WeightsDamaged(ModelError):
    """A model file's checksum or shape is not what its manifest says."""


class EngineFailed(ModelError):
    """The language model's engine broke or answered nonsense; the same call may work later."""


class ServerGone(DerekError):
    """The Derek that is asked over HTTP does not answer any more; what came back before is kept."""


class Cancelled(DerekError):
    """Whoever asked has gone; the work was stopped."""

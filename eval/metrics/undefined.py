"""The one error of metrics that a caller may expect: a figure that these inputs do not have."""


class Undefined(ValueError):
    """A metric of nothing: precision of no refusals, AUROC of right answers alone.

    A plain ValueError, by contrast, is a caller's mistake, such as two lists of different lengths.
    """

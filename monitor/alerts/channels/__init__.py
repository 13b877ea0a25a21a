"""The channels of channels.yaml, ready to speak; the only package that knows apprise, and it tells nobody a URL."""

from monitor.alerts.channels.channel import Channel
from monitor.alerts.channels.opening import open_channels

__all__ = ["Channel", "open_channels"]

"""The settings of the service, under the names that everybody imports."""

from service.settings.every_setting import Settings, SettingsRefused
from service.settings.reading import REQUIRED, read_settings, unfit_for_production
from service.settings.table import settings_table

__all__ = ["REQUIRED", "Settings", "SettingsRefused", "read_settings", "settings_table", "unfit_for_production"]

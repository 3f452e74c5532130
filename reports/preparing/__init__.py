"""Heavy work of the reports: workbooks and imports that take more than a moment, done apart from the pages."""

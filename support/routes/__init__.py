"""By which table do written requests reach their desk? Its versions, its page, and requests that climb."""

# Two images from one file: `app` (web, worker, clock, the command line) and `dialog` (Rasa and the trained model).
# docker build --target app -t followthrough .
# docker build --target dialog -t followthrough-dialog .

FROM python:3.11-slim-bookworm AS base
RUN pip install --no-cache-dir --root-user-action=ignore "uv>=0.9"
RUN useradd --create-home --uid 10001 bot && mkdir -p /app /data && chown bot:bot /app /data
WORKDIR /app
USER bot
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 PYTHONUNBUFFERED=1 BOT_DATA_DIR=/data
VOLUME /data

FROM base AS dialog
COPY --chown=bot pyproject.toml uv.lock .python-version README.md LICENSE ./
RUN --mount=type=cache,target=/home/bot/.cache/uv,uid=10001 uv sync --frozen --no-default-groups --group dialog --no-install-project
COPY --chown=bot bot bot
COPY --chown=bot webhooks webhooks
COPY --chown=bot dialogs dialogs
COPY --chown=bot nlu_data nlu_data
RUN --mount=type=cache,target=/home/bot/.cache/uv,uid=10001 uv sync --frozen --no-default-groups --group dialog
ENV PATH=/app/.venv/bin:$PATH
RUN python -m dialogs.train
EXPOSE 5005
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:5005/webhooks/followthrough/ready', timeout=4)"]
CMD ["python", "-m", "dialogs.server", "--host", "0.0.0.0", "--port", "5005"]

FROM base AS app
COPY --chown=bot pyproject.toml uv.lock .python-version README.md LICENSE ./
RUN --mount=type=cache,target=/home/bot/.cache/uv,uid=10001 uv sync --frozen --no-default-groups --group app --no-install-project
COPY --chown=bot bot bot
COPY --chown=bot webhooks webhooks
COPY --chown=bot dialogs dialogs
COPY --chown=bot nlu_data nlu_data
RUN --mount=type=cache,target=/home/bot/.cache/uv,uid=10001 uv sync --frozen --no-default-groups --group app
# Danger is looked for with a model, too, and with the dialog process away.
COPY --from=dialog --chown=bot /app/dialogs/models/second_opinion.bin dialogs/models/
ENV PATH=/app/.venv/bin:$PATH BOT_HOST=0.0.0.0 BOT_LOG_FORMAT=json
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["bot", "web"]

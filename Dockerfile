# Web and jobs from one image; the command decides (see compose.yaml). Not for the sandbox.
FROM node:22-slim AS storefront
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
COPY docs/openapi.json /build/docs/openapi.json
RUN npm run build

FROM python:3.12-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/srv/lunas/.venv/bin:$PATH
WORKDIR /srv/lunas
RUN useradd --system --uid 10001 --no-create-home lunas
COPY requirements.txt ./
RUN python -m venv .venv && pip install --no-cache-dir --require-hashes -r requirements.txt
COPY app app
COPY admin admin
COPY webhooks webhooks
COPY jobs jobs
COPY migrations migrations
RUN pybabel -q compile -d admin/translations
COPY --from=storefront /build/frontend/dist frontend/dist
USER lunas
EXPOSE 8000
ENV LUNAS_WEB_BIND=0.0.0.0:8000
CMD ["gunicorn", "--config", "app/gunicorn_conf.py", "app.factory:create_app()"]

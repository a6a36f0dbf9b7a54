# 质信 as an image: the portal by default; the sync worker and every other command by naming it ("zhixin sync --follow").

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/zhixin
ENV PATH=/opt/zhixin/bin:$PATH
WORKDIR /app
COPY requirements.lock pyproject.toml ./
# The lock pins by hash what tests need too; that leaves again in the same layer.
RUN pip install --quiet --use-pep517 --require-hashes -r requirements.lock \
    && pip uninstall --quiet --yes $(python -c "import re, tomllib; \
print(*(re.match('[a-z0-9-]+', name)[0] for name in \
tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['dev'] if 'setuptools' not in name))")
COPY . .
RUN pip install --quiet --no-deps --no-build-isolation --editable . \
    && pybabel --quiet compile -d portal/translations

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home zhixin
COPY --from=build /opt/zhixin /opt/zhixin
COPY --from=build /app /app
ENV PATH=/opt/zhixin/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ZHIXIN_DATA=/data
WORKDIR /app
USER 10001
EXPOSE 8000
# Not "zhixin serve": that keeps the index up beside the portal, which is a container of its own here.
CMD ["gunicorn", "wsgi:app", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-tmp-dir", "/dev/shm", \
     "--log-level", "warning", "--no-control-socket"]

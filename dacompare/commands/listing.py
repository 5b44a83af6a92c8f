"""List recipes, studies, methods and domains."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dacompare.commands.guard import Debug, guarded


def list_command(debug: Debug = False) -> None:
    """List recipes, studies, methods and domains."""

    def work_through() -> None:
        from dacompare.domains import DOMAINS
        from dacompare.domains.fetching import DATASETS
        from dacompare.methods import METHODS
        from dacompare.recipe import list_recipes
        from dacompare.study import study_files

        console = Console()
        recipes = Table("recipe", "title", title="Recipes", title_justify="left")
        for name, title in list_recipes().items():
            recipes.add_row(escape(name), escape(title))
        methods = Table("method", "label", "kind", title="Methods", title_justify="left")
        for name, method in METHODS.items():
            methods.add_row(name, method.label, method.kind)
        console.print(recipes, methods)
        console.print("Studies:", ", ".join(study_files()))
        console.print("Domains:", ", ".join(DOMAINS))
        console.print("Can be fetched:", ", ".join(DATASETS))

    guarded(work_through, debug)

"""How every form of the house is drawn: `{{ form }}` and `{{ field.as_field_group }}` need no help."""

from django.forms.renderers import TemplatesSetting


class VellutoRenderer(TemplatesSetting):
    form_template_name = "velluto/form.html"
    field_template_name = "velluto/field.html"

"""Members: who may do what in a project."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Member, User
from backend.errors import NotFoundError
from backend.services.person import LOCAL, Person, Role


def list_members(session: Session, project_id: str) -> Sequence[Member]:
    """Return the members of a project by name."""
    found = select(Member).join(User).where(Member.project_id == project_id).order_by(User.name)
    return session.scalars(found).all()


def get(session: Session, project_id: str, user_id: str) -> Member:
    """Return a member. Raises NotFoundError."""
    member = session.get(Member, (project_id, user_id))
    if member is None:
        raise NotFoundError(f"There is no member {user_id} in this project.")
    return member


def grant(session: Session, project_id: str, user: User, role: Role) -> Member:
    """Make somebody a member of a project, or give them another role."""
    member = session.get(Member, (project_id, user.id))
    if member is None:
        member = Member(project_id=project_id, user_id=user.id, role=role)
        session.add(member)
    member.role = role
    session.flush()
    session.refresh(member)
    return member


def revoke(session: Session, member: Member) -> None:
    """End a membership."""
    session.delete(member)


def own(session: Session, project_id: str, person: Person) -> None:
    """Make whoever has made a project its admin."""
    if person.id != LOCAL.id:
        session.add(Member(project_id=project_id, user_id=person.id, role="admin"))
